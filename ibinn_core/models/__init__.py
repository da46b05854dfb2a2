"""The models: the paper's IB-INN, its competitors, and flows of other libraries."""
