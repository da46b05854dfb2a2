"""The static site of whole families, as files that any web server can serve: ``ibinn-explorer site OUT`` writes it.

:mod:`.measure` asks the models of a family at the places of its measured curve, :mod:`.views` draws the app's figures
of that, :mod:`.lessons` the course; :mod:`.pages` writes the files. The page is ``app/static/site``. It imports the
app's own modules from the folders beside it.
"""
