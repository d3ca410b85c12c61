/**
 * Where losers are kept, in schema `ezone_drc` of every zone. It grows only by conflicts; what is older than the newest
 * 100 000 may be deleted by its owner.
 */
export const drcConflictTable = `CREATE TABLE IF NOT EXISTS ezone_drc.conflict (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  at_ms BIGINT UNSIGNED NOT NULL,
  source VARCHAR(12) NOT NULL,
  tbl VARCHAR(130) NOT NULL,
  pk VARBINARY(255) NOT NULL,
  resolution VARCHAR(12) NOT NULL,
  winner_ver BIGINT UNSIGNED NOT NULL,
  loser_ver BIGINT UNSIGNED NOT NULL,
  winner JSON NULL,
  loser JSON NULL,
  KEY (tbl, pk))`.replace(/\s+/g, ' ')
