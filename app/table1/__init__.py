"""The paper's Table 1 and ours: measures, results and the table itself."""
