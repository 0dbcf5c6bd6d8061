"""A project with one journey, whose email has 5 KB and a dozen of the recipient's values."""

from pathlib import Path
from textwrap import dedent

EMAIL_BYTES = 5000
JOURNEY = "news"

_POLICY = """\
    timezone: Asia/Shanghai
    locale: zh-CN
    brand: plain
    channels: [email]
    purposes:
      newsletter: {consent: required}
    quiet_hours: {email: none}
    caps:
      - {at_most: 4, within: 30 days, purposes: [newsletter]}
    """
_JOURNEY = """\
    journey: news
    purpose: newsletter
    start: {schedule: on-demand, audience: customer.email}
    grace: 60 days
    steps:
      - send: news
        by: email
        with: {offer: "'冬季轮胎检查'", miles: 12345}
    """
_BRAND = """\
    name: 朴素
    senders: {email: {name: 朴素, email: care@example.com}}
    colours: {accent: "#0a3d62"}
    """
_LAYOUT = """\
    <!doctype html>
    <html lang="zh-CN"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title>
    <style>body { font-family: sans-serif; color: #222 } h1 { color: #0a3d62 } .note { color: #666; font-size: 12px }
    p { line-height: 1.6 }</style></head>
    <body>{% block content %}{% endblock %}
    <p class="note"><a href="{{ message.unsubscribe_url }}">退订</a> ·
    <a href="{{ message.preferences_url }}">偏好设置</a></p></body></html>
    """
_HEAD = """\
---
subject: "{{ customer.name }}，{{ offer }}"
preheader: "{{ customer.address.city }}的冬天来了"
---
{% extends brand.email %}
{% block title %}冬季通讯{% endblock %}
{% block content %}
<h1>{{ customer.name }}{{ customer.salutation }}，您好</h1>
<p>您在{{ customer.address.city }}{{ customer.address.district }}，本季为您准备了{{ offer }}。</p>
<p>会员号 {{ customer.member }}，里程积分 {{ miles }}。寄送地址：{{ customer.address.line }}，
邮编 {{ customer.address.postcode }}。我们会写信到 {{ customer.email }}，或致电 {{ customer.mobile }}。</p>
"""
_FILLER = "<p>冬季来临，请检查轮胎的气压和花纹深度。Check pressure and tread before the first frost.</p>\n"
_TAIL = "{% endblock %}\n"


_WHOLE = "{% set hello %}{{ customer.name }}{% endset %}<p>{{ hello|upper }}</p>\n"
"""What keeps an email from being a form: a filter looks at what was rendered."""


def write_project(folder: Path, *, as_form: bool) -> Path:
    """Writes it to `folder`, which is new; its email can be sent in batches, or not."""
    head = _HEAD if as_form else _HEAD + _WHOLE
    files = {
        "journeys/policy.yaml": dedent(_POLICY),
        "journeys/news.yaml": dedent(_JOURNEY),
        "templates/brands/plain/brand.yaml": dedent(_BRAND),
        "templates/brands/plain/email.html": dedent(_LAYOUT),
        "templates/news/email.zh-CN.html": head + _filler() + _TAIL,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def _filler() -> str:
    missing = EMAIL_BYTES - len((dedent(_LAYOUT) + _HEAD + _TAIL).encode())
    return _FILLER * (missing // len(_FILLER.encode()))
