import { describe, expect, it } from 'vitest'
import { addressOf, tableRows } from './kernel-table.ts'

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'

describe("an address of the kernel's table", () => {
  it.each([
    ['0100007F:1F90', '127.0.0.1', 8080],
    ['0100147F:0CEA', '127.20.0.1', 3306],
    ['0000000000000000FFFF00000400147F:2384', '127.20.0.4', 9092],
    ['00000000000000000000000001000000:1F90', '0:0:0:0:0:0:0:1', 8080],
    ['00000000000000000000000000000000:1F90', '0:0:0:0:0:0:0:0', 8080],
  ])('%s is %s port %i', (field, host, port) => {
    expect(addressOf(field)).toEqual({ host, port })
  })
})

describe('a row of the table', () => {
  it('tells both ends, the state, and the inode by which its holder is found', () => {
    const row =
      '   2: 0100007F:9C40 0100147F:0CEA 01 00000000:00000000 02:000000A9 00000000  1000        0 48213 2 0000000000000000 20 4 30 10 -1'
    expect(tableRows(`${head}\n${row}\n`)).toEqual([
      {
        local: { host: '127.0.0.1', port: 40000 },
        remote: { host: '127.20.0.1', port: 3306 },
        state: '01',
        inode: 48213,
      },
    ])
  })

  it('is none where the table is empty', () => {
    expect(tableRows(`${head}\n`)).toEqual([])
  })
})
