"""The results of closed seasons: settled, counted again, frozen, signed and published."""
