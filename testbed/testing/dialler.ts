import { connect } from 'node:net'

// A program that dials one address and holds the connection: `dialler HOST PORT`. Says `connected` once it is.
const [host, port] = process.argv.slice(2)
if (host === undefined || port === undefined) throw new TypeError('usage: dialler HOST PORT')
const socket = connect({ host, port: Number(port) }, () => process.stdout.write('connected\n'))
socket.on('error', () => process.exit(1))
