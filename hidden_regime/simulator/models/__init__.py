"""Models of what a market and a broker do: fees, slippage, fills, settlement, buying power, margin calls."""
