"""The algorithm framework: alpha, portfolio construction, risk management and execution as parts that fit together."""
