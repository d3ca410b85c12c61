/** Colours once for light and once for dark; the page follows the system until somebody chooses. */
const light = `
  --paper: #ffffff; --card: #f6f7f9; --ink: #16202c; --faint: #5b6776; --line: #dde2e8; --grid: #e8ebf0;
  --good: #14804a; --bad: #c62828; --open: #9a6200; --goodBack: #e5f5ec; --badBack: #fdeaea; --openBack: #fff3dc;
  --shade: rgba(214, 69, 65, 0.11); --fault: #d64541; --faultInk: #ffffff; --alert: #e8a33d; --alertInk: #2b1c00;
  --step: #6f42c1; --stepInk: #ffffff; --moving: #8e9aa8; --ownerInk: #ffffff; --nowhere: #7a8694;
  --zone0: #1f6feb; --zone1: #d2691e; --zone2: #0f8b8d; --zone3: #a23fb5; --zone4: #5c7c1f; --zone5: #b0355b;`
const dark = `
  --paper: #10151c; --card: #19212b; --ink: #e6ebf1; --faint: #98a5b3; --line: #2c3743; --grid: #232d38;
  --good: #5bd08d; --bad: #ff7b72; --open: #f2b84b; --goodBack: #12301f; --badBack: #3a1a1c; --openBack: #35280f;
  --shade: rgba(255, 110, 100, 0.14); --fault: #c94f4a; --faultInk: #ffffff; --alert: #d9962f; --alertInk: #1d1300;
  --step: #b794f6; --stepInk: #1a1029; --moving: #5d6a78; --ownerInk: #0d1117; --nowhere: #8b98a6;
  --zone0: #5b9dff; --zone1: #f0934b; --zone2: #3cc4c0; --zone3: #d583e6; --zone4: #a7c957; --zone5: #f07ba0;`

/** The look of the page. Widths are those of a phone first; nothing is wider than the screen but tables, which scroll alone. */
export const pageStyle = `
:root { color-scheme: light; ${light} }
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { color-scheme: dark; ${dark} } }
:root[data-theme=dark] { color-scheme: dark; ${dark} }
* { box-sizing: border-box; }
html[lang=en] [lang=zh], html[lang=zh] [lang=en] { display: none; }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans CJK SC", "PingFang SC", sans-serif; }
main, header { max-width: 1120px; margin: 0 auto; padding: 0 16px; }
header { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; padding-top: 14px; color: var(--faint); font-size: 13px; }
header .run { flex: 1 1 auto; }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 6px; padding: 3px 9px; cursor: pointer; }
button[aria-pressed=true] { color: var(--ink); background: var(--card); border-color: var(--faint); }
h1 { font-size: 22px; line-height: 1.3; margin: 14px 0 2px; }
h2 { font-size: 18px; margin: 36px 0 4px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 14px; margin: 18px 0 0; }
p { margin: 4px 0 8px; }
.how, .faint { color: var(--faint); }
.how { font-size: 13px; margin: 0 0 4px; }
.verdict { border-radius: 10px; padding: 16px 18px; margin: 14px 0; border-left: 8px solid; }
.verdict.valid { background: var(--goodBack); border-color: var(--good); }
.verdict.invalid { background: var(--badBack); border-color: var(--bad); }
.verdict.unknown { background: var(--openBack); border-color: var(--open); }
.verdict .word { font-size: 30px; line-height: 1.2; font-weight: 750; letter-spacing: 0.02em; }
.verdict .why { font-size: 17px; margin: 2px 0 0; }
.valid .word, b.valid { color: var(--good); } .invalid .word, b.invalid { color: var(--bad); } .unknown .word, b.unknown { color: var(--open); }
.story { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 4px 26px; }
.story h3 { margin-top: 8px; } .story p { margin: 2px 0 6px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(138px, 1fr)); gap: 10px; margin: 14px 0; }
.figure { background: var(--card); border-radius: 8px; padding: 9px 12px; }
.figure b { display: block; font-size: 21px; line-height: 1.3; font-variant-numeric: tabular-nums; }
.figure span { font-size: 13px; color: var(--faint); }
.chart { margin: 0 0 2px; min-width: 0; overflow: hidden; }
.wide { overflow-x: auto; margin: 6px 0; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--faint); white-space: nowrap; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.pill { display: inline-block; border-radius: 5px; padding: 0 7px; font-weight: 600; font-size: 13px; white-space: nowrap; }
.pill.valid { color: var(--good); background: var(--goodBack); } .pill.invalid { color: var(--bad); background: var(--badBack); }
.pill.unknown { color: var(--open); background: var(--openBack); }
.counter { background: var(--badBack); border: 1px solid var(--bad); border-radius: 8px; padding: 8px 12px; margin: 6px 0; white-space: pre-wrap; }
code, .id { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--card); border-radius: 8px; padding: 10px 12px; overflow-x: auto; white-space: pre-wrap; }
.ids { max-height: 220px; overflow-y: auto; background: var(--card); border-radius: 8px; padding: 8px 12px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 6px 0; } dt { color: var(--faint); } dd { margin: 0; }
ol.events { list-style: none; padding: 0; margin: 6px 0; font-size: 14px; }
ol.events li { display: grid; grid-template-columns: 64px 26px 1fr; gap: 0 8px; padding: 3px 0; border-bottom: 1px solid var(--line); }
ol.events .at { text-align: right; font-variant-numeric: tabular-nums; color: var(--faint); }
.dot { width: 18px; height: 18px; border-radius: 9px; margin: 2px auto 0; background: var(--faint); font: 600 11px/18px system-ui, sans-serif; text-align: center; color: var(--stepInk); }
.dot.fault { background: var(--fault); } .dot.step { background: var(--step); } .dot.alert { background: var(--alert); } .dot.time { background: var(--faint); }
.u-legend { font-size: 13px; text-align: left; }
.u-legend.u-inline.u-live th::after { content: ""; }
.u-legend .u-series:first-child { color: var(--faint); }
.u-legend .u-value { min-width: 4.5em; text-align: left; font-variant-numeric: tabular-nums; }
.uplot, .u-wrap { max-width: 100%; }
.uplot .u-legend td, .uplot .u-legend th { border: 0; padding: 2px; white-space: nowrap; }
.u-select { background: rgba(120, 130, 145, 0.25); }
footer { color: var(--faint); font-size: 13px; margin: 34px 0 40px; }
@media (max-width: 619px) { body { font-size: 14px; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 6px; }
  ol.events li { grid-template-columns: 52px 22px 1fr; } th, td { padding-right: 10px; } .verdict .word { font-size: 26px; } }
@media print { header button { display: none; } }
`
