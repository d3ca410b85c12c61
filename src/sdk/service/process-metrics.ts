import type { Metrics } from './metrics.ts'

/** What a process costs, looked up when somebody reads it: nothing runs in between. */
export function addProcessMetrics(metrics: Metrics): void {
  const cpu = metrics.counter('process_cpu_seconds_total', 'User and system CPU time spent.')
  const memory = metrics.gauge('process_resident_memory_bytes', 'Resident memory.')
  const heap = metrics.gauge('nodejs_heap_used_bytes', 'Heap in use.')
  const loop = metrics.gauge(
    'nodejs_eventloop_utilization',
    'Share of time the event loop was busy since the last read.',
  )
  let before = performance.eventLoopUtilization()
  let cpuBefore = 0
  metrics.beforeRead(() => {
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed } = process.memoryUsage()
    const now = performance.eventLoopUtilization()
    const cpuNow = (user + system) / 1e6
    cpu.add({}, cpuNow - cpuBefore)
    cpuBefore = cpuNow
    memory.set(rss)
    heap.set(heapUsed)
    loop.set(performance.eventLoopUtilization(now, before).utilization)
    before = now
  })
}
