"""The static site of whole families, as files that any web server can serve: ``ibinn-explorer site OUT`` writes it.

:mod:`.views` asks the app's panels for what they show first, :mod:`.lessons` the course, and :mod:`.parts` makes plain
JSON of it. :mod:`.packed` and :mod:`.beside` write the models, :mod:`.pages` all files. The page lies in
``app/static/site``.
"""
