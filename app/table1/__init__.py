"""The paper's Table 1 and ours: measures, results, trends and the table itself."""
