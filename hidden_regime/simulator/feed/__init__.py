"""From stored bars to what arrives when: adjustment, filling forward, corporate events, custom data, moments."""
