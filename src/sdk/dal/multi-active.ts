import { quotedName } from './sql.ts'

/** True in every session but those that apply what another zone wrote: they bring the version along. */
const written = "@@SESSION.gtid_next NOT LIKE 'AUTOMATIC:drc\\_%'"
const zoneNumber = '(@@GLOBAL.server_id DIV 10)'
/** Microseconds now. SYSDATE, not NOW: after the wait for a row lock, and whatever `SET timestamp` says. */
const nowUs = 'CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS UNSIGNED)'

/** A version greater than another and not before now; see `packVersion` of the model for its form. */
const after = (version: string): string => `(GREATEST((${version} >> 4) + 1, ${nowUs}) << 4) | ${zoneNumber}`

/**
 * What makes a table multi-active, as statements of a migration that may run again: an invisible `drc_ver`, and
 * triggers that give every write its version at the moment it is made, greater than whatever its key had before. A
 * delete leaves its version in a tombstone, and an insert goes beyond it. The table's own columns must include `shard`
 * and `epoch`, its primary key never changes, and triggers of its own must not set `drc_ver`.
 *
 * The tombstone is read under a lock: a delete that has not committed yet must be waited for, or fail by deadlock.
 *
 * @param table `schema.table`
 */
export function multiActive(table: string, pkColumns: readonly string[]): readonly string[] {
  const [schema, name = ''] = table.split('.')
  const trigger = (suffix: string) => quotedName(`${schema}.${name}_drc_${suffix}`)
  const pk = (side: 'NEW' | 'OLD') =>
    `CAST(CONCAT_WS(CHAR(31), ${pkColumns.map((column) => `${side}.${quotedName(column)}`).join(', ')}) AS BINARY)`
  const buried = `COALESCE((SELECT drc_ver FROM ezone_drc.tombstone
    WHERE tbl = '${table}' AND pk = ${pk('NEW')} FOR SHARE), 0)`
  const moved = pkColumns.map((column) => `NOT NEW.${quotedName(column)} <=> OLD.${quotedName(column)}`).join(' OR ')
  return [
    `ALTER TABLE ${quotedName(table)} ADD COLUMN drc_ver BIGINT UNSIGNED NOT NULL DEFAULT 0 INVISIBLE`,
    `CREATE TRIGGER ${trigger('insert')} BEFORE INSERT ON ${quotedName(table)} FOR EACH ROW
      IF ${written} THEN SET NEW.drc_ver = ${after(buried)}; END IF`,
    `CREATE TRIGGER ${trigger('update')} BEFORE UPDATE ON ${quotedName(table)} FOR EACH ROW
      IF ${written} THEN
        IF ${moved} THEN
          SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the primary key of a multi-active row never changes';
        END IF;
        SET NEW.drc_ver = ${after('OLD.drc_ver')};
      END IF`,
    `CREATE TRIGGER ${trigger('delete')} AFTER DELETE ON ${quotedName(table)} FOR EACH ROW
      IF ${written} THEN
        INSERT INTO ezone_drc.tombstone (tbl, pk, drc_ver) VALUES ('${table}', ${pk('OLD')}, ${after('OLD.drc_ver')}) AS given
          ON DUPLICATE KEY UPDATE drc_ver = GREATEST(tombstone.drc_ver, given.drc_ver);
      END IF`,
  ]
}
