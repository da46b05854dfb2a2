"""Table 1 of the paper with our own models.

==============  =================================================================
``columns``     what is measured: the columns, their units, which way is better
``paper``       the table as it is printed
``cells``       the numbers of one model
``numbers``     the numbers of one model as its card and the table have them
``table``       all models beside the paper's
``roc_curves``  the ROC curves behind the detection scores
``markdown``    the table as a page of ``docs/``
==============  =================================================================
"""
