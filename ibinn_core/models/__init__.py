"""The models: the paper's IB-INN, flows of other libraries, and their competitors."""
