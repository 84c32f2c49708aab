/** The page's style: light and dark, screen and print. Every colour of text has a contrast of at least 4.5 to 1, of marks 3 to 1. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--rule:#d0d7de;--fill:#f6f8fa;--grid:#e3e7eb;--margin:#e8eef4;--warn:#fff4d6;--warnink:#5c4400;--good:#116329;--bad:#a40e26;--even:#0550ae;--open:#7a4f00;
--c0:#1b1f24;--c1:#0067b0;--c2:#c4490a;--c3:#00795a;--c4:#9a2f86;--c5:#8a6a00;--c6:#5b4bb8;--c7:#a3243b}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e6eaee;--soft:#a3adb8;--rule:#3a424b;--fill:#1d2127;--grid:#2b3139;--margin:#26313d;--warn:#3d3110;--warnink:#f5d67a;--good:#5fd08a;--bad:#ff8f94;--even:#7db7ff;--open:#e5b567;
--c0:#e6eaee;--c1:#58b1f5;--c2:#ff9152;--c3:#35c79a;--c4:#e88ad6;--c5:#dfc04a;--c6:#aca0ff;--c7:#ff8596}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem 1rem 4rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:1.7rem;line-height:1.25;margin:.2em 0;overflow-wrap:anywhere}h2{font-size:1.3rem;margin:2.2em 0 .6em;border-bottom:1px solid var(--rule);padding-bottom:.25em;overflow-wrap:anywhere}h3{font-size:1.05rem;margin:1.6em 0 .5em;overflow-wrap:anywhere}
p{margin:.5em 0;max-width:48rem;overflow-wrap:anywhere}a{color:var(--even)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.3rem .6rem}
.warn{background:var(--warn);color:var(--warnink);border-left:4px solid currentColor;padding:.6rem .9rem;margin:1em 0;max-width:none}
.soft,figcaption,caption{color:var(--soft);font-size:.875rem}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem;margin:1em 0}dl.facts dt{color:var(--soft)}dl.facts dd{margin:0;overflow-wrap:anywhere}
nav ul{columns:16rem;padding-left:1.2rem;margin:.5em 0}
.scroll{overflow-x:auto;margin:.8em 0}
.scroll:focus-visible,a:focus-visible,summary:focus-visible{outline:3px solid var(--even);outline-offset:2px}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;min-width:100%}
caption{text-align:left;padding:0 0 .4em;caption-side:top}
th,td{padding:.28rem .6rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
thead th{border-bottom:2px solid var(--rule);white-space:nowrap;background:var(--fill)}
tbody th{font-weight:600}.num{text-align:right;white-space:nowrap}.name{max-width:18rem;overflow-wrap:break-word}.why{min-width:14rem;max-width:26rem;color:var(--soft);overflow-wrap:anywhere}
.long{min-width:13rem}thead .wrap{white-space:normal;min-width:12rem}
.stay{position:sticky;left:.6rem;display:inline-block;max-width:min(64rem,calc(100vw - 3.4rem));overflow-wrap:anywhere}caption .stay{left:0}
tr.head th{font-weight:400;color:var(--soft);padding-top:.7rem}tr.noted>*{border-bottom:0}tr.note td{color:var(--soft);padding-top:0}
tr.new>*{border-top:2px solid var(--rule)}
.v{font-weight:600;white-space:nowrap}.Better,.Passed{color:var(--good)}.Worse,.Failed{color:var(--bad)}.Equivalent{color:var(--even)}.Inconclusive{color:var(--open)}.Baseline,.None{color:var(--soft);font-weight:400}
figure{margin:1.2em 0;padding:0}figure .scroll{margin:0}
svg{display:block;max-width:100%;height:auto;min-width:34rem;font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--ink)}
.tick{fill:var(--soft);font-size:11px}.head{font-weight:600}
.grid{stroke:var(--grid);fill:none}.axis{stroke:var(--soft);fill:none}.margin{fill:var(--margin)}
.s0{color:var(--c0)}.s1{color:var(--c1)}.s2{color:var(--c2)}.s3{color:var(--c3)}.s4{color:var(--c4)}.s5{color:var(--c5)}.s6{color:var(--c6)}.s7{color:var(--c7)}
.line{fill:none;stroke:currentColor;stroke-width:1.8;stroke-linejoin:round}.thin{stroke-width:1.1}.dash{stroke-dasharray:7 4}.dots.line,.line.dots{stroke-dasharray:2 4}
.band{fill:currentColor;fill-opacity:.15}.whisker{fill:none;stroke:currentColor;stroke-width:1.4}
.mark{fill:currentColor}.hollow{fill:var(--paper);stroke:currentColor;stroke-width:1.6}
path.dots:not(.line){fill:none;stroke:currentColor;stroke-width:6;stroke-linecap:round;stroke-opacity:.55}.median{fill:none;stroke:var(--ink);stroke-width:2}
details{margin:.8em 0}summary{cursor:pointer;font-weight:600}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
@media (max-width:40rem){dl.facts{grid-template-columns:1fr}dl.facts dd{margin:0 0 .5rem}}
@media print{
:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--rule:#bbb;--fill:#f4f4f4;--grid:#ddd;--margin:#e4e9ef;--warn:#fff4d6;--warnink:#5c4400;--good:#116329;--bad:#a40e26;--even:#0550ae;--open:#7a4f00;
--c0:#000;--c1:#0067b0;--c2:#c4490a;--c3:#00795a;--c4:#9a2f86;--c5:#8a6a00;--c6:#5b4bb8;--c7:#a3243b}
@page{size:A4;margin:14mm}
body{max-width:none;padding:0;font-size:10pt}.skip,nav{display:none}.scroll{overflow:visible}
table{font-size:6.8pt;line-height:1.3;min-width:0;width:100%}th,td{padding:.12rem .25rem}thead th,.num{white-space:normal}.why{min-width:46mm;overflow-wrap:break-word}.long,thead .wrap{min-width:0}.stay{position:static;max-width:none}tr.head,tr.noted{break-after:avoid}
figure,tr{break-inside:avoid}h2,h3,caption{break-after:avoid}thead{display:table-header-group}
svg{min-width:0;width:100%;max-width:170mm}
details::details-content{content-visibility:visible;display:block;height:auto}a{color:inherit;text-decoration:none}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`.trim();
