/**
 * Where losers are kept, in schema `ezone_drc` of every zone. `locks`: 0 for an ordinary conflict; 1 where the row is
 * still to be locked, 2 where that is done.
 */
export const drcConflictTable = `CREATE TABLE IF NOT EXISTS ezone_drc.conflict (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  at_ms BIGINT UNSIGNED NOT NULL,
  source VARCHAR(12) NOT NULL,
  tbl VARCHAR(130) NOT NULL,
  pk VARBINARY(255) NOT NULL,
  loser VARCHAR(12) NOT NULL,
  locks TINYINT NOT NULL,
  winner_ver BIGINT UNSIGNED NOT NULL,
  loser_ver BIGINT UNSIGNED NOT NULL,
  winner JSON NULL,
  loser_image JSON NULL,
  KEY (tbl, pk),
  KEY (locks))`
