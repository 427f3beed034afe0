"""The patients' and carriers' addresses."""

from django.urls import path, re_path

from bot.channels import health, publish, refusals, signs, stream, visits, web
from bot.channels.sms import demo, webhooks

urlpatterns = [
    path("api/conversations", web.conversations),
    path("api/messages", web.messages),
    path("api/events", stream.events),
    path("api/signs", signs.take),
    re_path("^api/", refusals.nothing_here),
    path("sms/inbound", webhooks.inbound),
    path("sms/status", webhooks.status),
    path("v/<str:token>.ics", visits.calendar_file),
    path("v/<str:token>", visits.page),
    path("w/<str:token>", visits.waiting_page),
    path("feeds/<str:token>.ics", publish.feed),
    path("fhir/<str:name>", publish.bulk),
    path("sms/resume", webhooks.resume),
    path("demo/sms", demo.send),
    path("demo/phone", demo.phone),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]
