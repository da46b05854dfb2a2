"""What opens the app, by the command ``ibinn-explorer``; in a wheel also the app, what it shows and the digits' family.

``serving``   the command
``copies``    where the app is that a server can write to

A wheel has in this folder, by :file:`setup.py`: ``app/``, ``checkpoints/`` and ``docs/``.
"""
