"""The staff desk's addresses, under `/desk/`. No patient's word is ever part of one."""

from django.urls import path

from bot.desk.views import (
    accounts,
    alerts,
    audit,
    content,
    conversation,
    export,
    own_account,
    queue,
    reply,
    sign_in,
    sso,
)

app_name = "desk"

urlpatterns = [
    path("", queue.page, name="queue"),
    path("queue.json", queue.live, name="queue_live"),
    path("filters/save/", queue.save_filter, name="save_filter"),
    path("filters/<int:pk>/forget/", queue.forget_filter, name="forget_filter"),
    path("login/", sign_in.login_page, name="login"),
    path("code/", sign_in.code_page, name="code"),
    path("sso/", sso.leave, name="sso"),
    path("sso/back/", sso.come_back, name="sso_back"),
    path("logout/", sign_in.logout_now, name="logout"),
    path("password/", own_account.password, name="password"),
    path("second-factor/", own_account.set_up_app, name="second_factor"),
    path("sessions/", own_account.signed_in, name="sessions"),
    path("sessions/<int:pk>/end/", own_account.end_session, name="end_session"),
    path("c/<str:case>/", conversation.page, name="conversation"),
    path("c/<str:case>/live.json", conversation.live, name="conversation_live"),
    path("c/<str:case>/reveal/", conversation.reveal, name="reveal"),
    path("c/<str:case>/hide/", conversation.hide, name="hide"),
    path("c/<str:case>/clear/", conversation.clear, name="clear"),
    path("c/<str:case>/note/", conversation.note, name="note"),
    path("c/<str:case>/take/", reply.take, name="take"),
    path("c/<str:case>/reply/", reply.send, name="reply"),
    path("c/<str:case>/back/", reply.back, name="back"),
    path("c/<str:case>/export/", export.export, name="export"),
    path("alerts/<int:pk>/acknowledge/", alerts.acknowledge, name="acknowledge"),
    path("alerts/<int:pk>/outcome/", alerts.outcome, name="outcome"),
    path("content/", content.page, name="content"),
    path("audit/", audit.page, name="audit"),
    path("staff/", accounts.page, name="staff"),
    path("staff/invite/", accounts.invite, name="invite"),
    path("staff/<int:pk>/lend/", accounts.lend, name="lend"),
    path("staff/<int:pk>/end/", accounts.end, name="end"),
    path("staff/<int:pk>/reset/", accounts.reset_factor, name="reset_factor"),
    path("staff/<int:pk>/sign-off/", accounts.sign_off, name="sign_off"),
    path("staff/<int:pk>/role/", accounts.role, name="role"),
]
