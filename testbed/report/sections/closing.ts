import { type Html, html } from '../html.ts'
import { atText, phrase } from '../phrase.ts'
import type { Report } from '../schema.ts'
import { glossary } from '../words.ts'

/** How to do it again, on what it ran, and what the words mean. */
export function closing(report: Report): Html {
  const { machine } = report
  const memory = `${(machine.memoryBytes / 1024 ** 3).toFixed(1)} GiB`
  return html`
<h2>${phrase('Again', '重新运行')}</h2>
<pre><code>${report.rerun}</code></pre>
<dl>
<dt>${phrase('run', '运行')}</dt><dd class="id">${report.run}</dd>
<dt>${phrase('drill, seed', '演练、种子')}</dt><dd>${report.drill}, ${report.seed}</dd>
<dt>${phrase('started', '开始')}</dt><dd>${report.startedAt}, ${atText(report.durationMs)}${report.interrupted && phrase(', broken off', '，被中断')}</dd>
<dt>${phrase('testbed', '测试床')}</dt><dd>${report.testbed} (${report.runtime}, ${report.policy})</dd>
<dt>${phrase('machine', '机器')}</dt><dd>${phrase(`${machine.cores} cores, ${memory}`, `${machine.cores} 核，${memory}`)}, Node ${machine.node}, ezone ${report.version}</dd>
</dl>
<h2>${phrase('Words', '术语')}</h2>
<dl>${glossary.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`)}</dl>
<footer>${phrase(
    'This page is one file, needs no network and sends nothing. The truth it was made from is report.json beside it.',
    '本页为单个文件，不需要也不使用网络。它由同目录的 report.json 生成。',
  )}</footer>`
}
