"""What a day looks like in a text, English and Spanish: patterns in the order in which they are tried."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.scheduling.vocabulary import alternatives, month_numbers, weekday_numbers


@lru_cache(maxsize=1)
def day_patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return what to look for, in this order, and the marker's method that reads it."""
    day, month = alternatives(weekday_numbers()), alternatives(month_numbers())
    lead = rf"(?:\b(?:el |on )?(?P<weekday>{day}),? (?:the |el |dia )*)?"
    part = (r"(?:(?:the )?(?P<part>early|mid|middle|late|later|end|beginning|start|first half|rest|a? ?principios?|comienzo|"
            r"inicio|mediados|a? ?fines?|finales)(?: part)?(?: in| of| de)?(?: the| la| el)? ?)?")
    nth = r"\d{1,2}(?:st|nd|rd|th)?"
    list_ = [
        (r"\b(?:yesterday|ayer|last (?:week|month|night)(?! (?:of|in))|la semana pasada)\b", "past"),
        (rf"\b(?:last|el pasado) (?:{day})\b", "past"),
        (rf"\b(?P<month>{month}) (?P<from>\d{{1,2}})(?:st|nd|rd|th)? ?(?:-|to|through|thru) ?(?P<to>\d{{1,2}})(?:st|nd|rd|th)?\b",
         "from_to_in_month"),
        (rf"\b(?:del|from the) (?P<from>\d{{1,2}})(?:st|nd|rd|th)? (?:al|to the|to) (?P<to>\d{{1,2}})(?:st|nd|rd|th)? (?:de|of) (?P<month>{month})\b",
         "from_to_in_month"),
        (rf"\b(?:the )?week (?:of|starting|beginning)(?: the| monday,?)? (?P<date>(?:{month})\.? {nth}|\d{{1,2}}/\d{{1,2}}|{nth} (?:of )?(?:{month})|{nth})\b", "week_of"),
        (rf"\b(?:la )?semana del (?P<date>\d{{1,2}}(?: de (?:{month}))?)\b", "week_of"),
        (rf"\b(?P<nth>first|1st|second|2nd|third|3rd|fourth|4th|last|primera|segunda|tercera|ultima) (?:full )?(?:week|semana) "
         rf"(?:of|in|de) (?P<month>{month})\b", "week_of_month"),
        (rf"{lead}\b(?P<date>\d{{4}}-\d{{2}}-\d{{2}})\b", "full_date"),
        (rf"{lead}\b(?P<date>(?:{month})\.? (?:the )?{nth}(?!:|\d| ?[ap]m)(?:,? \d{{4}})?)\b(?! ?[ap]m)", "full_date"),
        (rf"{lead}\b(?P<date>{nth} (?:of |de )?(?:{month})\b(?:,?(?: de| del)? \d{{4}})?)", "full_date"),
        (rf"{lead}(?<![\d/])(?P<date>\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?)(?![\d/])", "full_date"),
        (rf"\b(?:an?|one|(?P<weeks>\d)) (?:weeks?|wks?) (?:from|after) (?P<start>today|tomorrow|{day})\b", "week_from"),
        (rf"\b(?P<start>today|tomorrow|{day}) (?P<weeks>week)\b(?!s)", "week_from"),
        (r"\b(?:in|within|dentro de|en|de aqui a) (?:about |the next |next |like )?(?P<number>\d+|an?|una?|a couple(?: of)?|couple(?: of)?) "
         r"(?P<unit>days?|weeks?|wks?|months?|dias?|semanas?|mes(?:es)?)\b", "distance"),
        (r"\b(?P<number>\d+|an?|a couple(?: of)?) (?P<unit>days?|weeks?|wks?|months?) (?:from (?:now|today)|out|away)\b", "distance"),
        (r"\b(?:the )?day after tomorrow\b|\bpasado manana\b|\btomorrow\b|\btoday\b|\btonight\b|\bhoy\b|\besta noche\b|"
         r"(?<!la )(?<!las )(?<!una )(?<!esta )(?<!media )\bmanana\b", "relative"),
        (r"\b(?:the )?day after(?=\W*$|[,.?!])|\bel dia siguiente(?=\W*$|[,.?!])", "next_day"),
        (rf"{part}\b(?P<which>the week after(?: next)?|week after next|next week|nxt week|following week|this week|this coming week|coming week|la semana que viene|"
         r"la proxima semana|proxima semana|la semana proxima|la semana siguiente|la otra semana|esta semana)\b", "week"),
        (r"\b(?P<part>early|late|later|end|middle|beginning|start|first half|rest|fin(?:es|al)?|a? ?principios?|mediados) (?:in |of |de )(?P<which>the week|la semana)\b", "week"),
        (r"\b(?P<which>this(?: coming)?|next|coming|following|este|proximo|el proximo)? ?\b(?:weekends?|fin(?:es)? de semana|finde)\b", "weekend"),
        (r"\b(?:weekdays?|work ?days?|during the week|entre semana|dias? de semana|dias? laborables?|lunes a viernes|monday (?:to|through|thru|-) friday|mon-fri|m-f)\b",
         "weekdays"),
        (rf"\b(?P<day>{day}) after next\b", "after_next"),
        (rf"\b(?P<which>this(?: coming)?|next|nxt|coming|following|este|el proximo|proximo) (?P<day>{day})\b(?P<behind>)", "pointed"),
        (rf"\b(?P<which>)(?P<day>{day}) (?P<behind>que viene|proximo)\b", "pointed"),
        (rf"{lead}\b(?:the|el dia|dia|el) (?P<number>[12]?\d|3[01])(?:st|nd|rd|th)?\b(?! ?(?:one|option|time|slot|[ap]m|:))", "day_of_month"),
        (rf"{lead}\b(?P<number>[12]?\d|3[01])(?:st|nd|rd|th)\b(?! ?(?:one|option|time|slot))", "day_of_month"),
        (rf"{part}\b(?P<which>this month|the month|next month|este mes|el mes que viene|el proximo mes|proximo mes|de mes)\b", "named_month"),
        (rf"{part}(?:\b(?:in|en) )?\b(?P<month>{month})\b", "month"),
        (rf"\b(?:{day})\b", "weekday"),
    ]
    return [(re.compile(pattern), name) for pattern, name in list_]
