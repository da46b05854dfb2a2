"""The static site of whole families, as files that any web server can serve: ``ibinn-explorer site OUT`` writes it.

:mod:`.views` asks the app's panels for their first view, and :mod:`.lessons` asks the course. :mod:`.parts` turns both
into plain JSON. :mod:`.packed` and :mod:`.beside` write the models, and :mod:`.pages` writes all files. The front end
lies in ``app/static/site``.
"""
