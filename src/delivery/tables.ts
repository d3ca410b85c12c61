import { multiActive, requestTable } from '@ezone/sdk/dal'

/**
 * The tables of the business in a zone. Each is multi-active: it has a primary key and no other unique key (two zones
 * could each accept a row that the other's unique key refuses), `shard` and `epoch`, and the version of the replication.
 */
export const tables = {
  orders: 'delivery.orders',
  requests: 'delivery.requests',
  merchants: 'delivery.merchants',
  riders: 'delivery.riders',
} as const

const orders = `CREATE TABLE IF NOT EXISTS ${tables.orders} (
  order_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  shard SMALLINT UNSIGNED NOT NULL,
  epoch BIGINT UNSIGNED NOT NULL,
  cell SMALLINT UNSIGNED NOT NULL,
  zone VARCHAR(12) NOT NULL,
  state VARCHAR(16) NOT NULL,
  user_id BIGINT UNSIGNED NULL,
  shop_id BIGINT UNSIGNED NULL,
  rider_id BIGINT UNSIGNED NULL,
  amount_fen BIGINT UNSIGNED NOT NULL,
  pay_by DATETIME(3) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  paid_at DATETIME(3) NULL,
  accepted_at DATETIME(3) NULL,
  assigned_at DATETIME(3) NULL,
  picked_up_at DATETIME(3) NULL,
  delivered_at DATETIME(3) NULL,
  cancelled_at DATETIME(3) NULL,
  locked TINYINT UNSIGNED NOT NULL DEFAULT 0,
  trace_id CHAR(32) CHARACTER SET ascii NULL,
  KEY backlog (shard, state, pay_by)
)`

const merchants = `CREATE TABLE IF NOT EXISTS ${tables.merchants} (
  merchant_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  shard SMALLINT UNSIGNED NOT NULL,
  epoch BIGINT UNSIGNED NOT NULL,
  cell SMALLINT UNSIGNED NOT NULL,
  zone VARCHAR(12) NOT NULL,
  name VARCHAR(60) NOT NULL,
  lat DOUBLE NOT NULL,
  lng DOUBLE NOT NULL,
  menu TEXT NOT NULL,
  created_at DATETIME(3) NOT NULL
)`

const riders = `CREATE TABLE IF NOT EXISTS ${tables.riders} (
  rider_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  shard SMALLINT UNSIGNED NOT NULL,
  epoch BIGINT UNSIGNED NOT NULL,
  cell SMALLINT UNSIGNED NOT NULL,
  zone VARCHAR(12) NOT NULL,
  name VARCHAR(60) NOT NULL,
  lat DOUBLE NOT NULL,
  lng DOUBLE NOT NULL,
  state VARCHAR(8) NOT NULL,
  order_id BIGINT UNSIGNED NULL,
  trips INT UNSIGNED NOT NULL DEFAULT 0,
  since DATETIME(3) NOT NULL,
  KEY free (shard, state, cell, since)
)`

/** Run once per zone, in this order, and never changed afterwards: a change is a new one. */
export const migrations: readonly (readonly string[])[] = [
  [
    'CREATE DATABASE IF NOT EXISTS delivery CHARACTER SET utf8mb4',
    orders,
    ...multiActive(tables.orders, ['order_id']),
    ...requestTable(tables.requests),
    merchants,
    ...multiActive(tables.merchants, ['merchant_id']),
    riders,
    ...multiActive(tables.riders, ['rider_id']),
  ],
]

export const users = 'accounts.users'

/** The Global Zone's: one master writes it, so here a unique key holds for the whole world. */
export const globalMigrations: readonly (readonly string[])[] = [
  [
    'CREATE DATABASE IF NOT EXISTS accounts CHARACTER SET utf8mb4',
    `CREATE TABLE IF NOT EXISTS ${users} (
      user_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
      phone VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      zone VARCHAR(12) NOT NULL,
      request_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
      created_at DATETIME(3) NOT NULL,
      UNIQUE KEY phone (phone)
    )`,
  ],
]
