"""Layer 5, an adapter of the port `Renderer`: from a decided message to what is sent.

Laws
1. The same message renders to the same bytes, on every machine, at any time: no clock, no fonts, no
   language and no files but the project's own.
2. A template can do no harm: it is sandboxed and bounded (`sandbox`), reads nothing outside `templates/`
   (`sources`, `resources`), and a customer's data in HTML is escaped.
3. What fails is the template author's trouble, told as a `TemplateError` with file and line, without a
   customer's data.

Modules: `renderer` (the whole), `views`, `moments`, `brands` (what a template sees), `filters`, `sandbox`,
`sources`, `failures` (Jinja2), `email`, `styles`, `plain` (emails), `letter`, `fonts`, `resources` (PDF),
`sms`.
"""

from engine.render.renderer import TemplateRenderer
from engine.render.sms import Segments, segments

__all__ = ["Segments", "TemplateRenderer", "segments"]
