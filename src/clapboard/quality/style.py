"""The look of the page."""

STYLE = """
:root{--ground:#14151a;--card:#1b1d24;--line:#2b2d36;--ink:#e9e6df;--dim:#9a978f;
--ok:#8fd694;--warning:#f0c27a;--error:#ff7a6b;--soft:#7f8aa0}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;margin:0 auto;max-width:76rem;padding:2.5rem 1.5rem;
background:var(--ground);color:var(--ink)}
h1{font:500 1.9rem/1.3 Georgia,"Times New Roman",serif;margin:0 0 .6rem;max-width:56rem;overflow-wrap:anywhere}
h2{font-weight:600;font-size:.8rem;letter-spacing:.12em;text-transform:uppercase;color:var(--warning);
margin:2.4rem 0 .7rem}
.facts{margin:0 0 1.1rem;color:var(--dim)}.facts span+span::before{content:"·";margin:0 .6em}
.verdict{border-left:4px solid;padding:.6rem 1rem;background:var(--card);border-radius:0 8px 8px 0}
.verdict ul{margin:.3rem 0 0;padding-left:1.1rem}
.ok{--tone:var(--ok)}.warning{--tone:var(--warning)}.error{--tone:var(--error)}.soft{--tone:var(--soft)}
.verdict{border-color:var(--tone)}.verdict b,.verdict li{color:var(--tone)}
.sheet{display:grid;grid-template-columns:repeat(4,1fr);gap:.9rem}
figure{margin:0}.sheet img{width:100%;display:block;border-radius:6px}
figcaption{color:var(--dim);font-size:.85rem;padding-top:.25rem;font-variant-numeric:tabular-nums}
.lanes{background:var(--card);border-radius:8px;padding:.8rem 1rem .4rem}
.lane{display:flex;align-items:stretch;margin-bottom:3px}
.lane label{width:5.6rem;flex:none;color:var(--dim);font-size:.85rem;align-self:center}
.track{position:relative;flex:1;min-width:0}
.track svg{display:block;width:100%;height:64px;background:#16181e}
.track img{display:block;width:100%;height:150px}
polygon{fill:#6fa8dc}.dialogue polygon{fill:#d9a0c8}.effects polygon{fill:#e8a86b}.ambience polygon{fill:#6fb7a5}
.music polygon{fill:#a893e0}.mix polygon{fill:#8fb4e8}
line{stroke:#f0c27a;stroke-width:1;stroke-opacity:.75;vector-effect:non-scaling-stroke}
.hz{position:absolute;inset:0;pointer-events:none}
.hz span{position:absolute;left:0;right:0;border-top:1px solid #ffffff2e;color:#ffffffb0;font-size:.68rem;line-height:1;
padding:2px 4px}
.axis{height:1.6rem}.axis span{position:absolute;top:0;border-left:1px solid var(--dim);padding:.25rem 0 0 .3rem;
color:var(--dim);font-size:.78rem;line-height:1}
.marks{height:1.5rem}
.marks i{position:absolute;transform:translateX(-50%);min-width:1.25rem;height:1.25rem;border-radius:.65rem;
padding:0 .3rem;
background:var(--tone);color:#14151a;font:600 .7rem/1.25rem system-ui,sans-serif;text-align:center}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
td,th{padding:.32rem 1rem .32rem 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top;
overflow-wrap:anywhere}
th{color:var(--dim);font-weight:400;font-size:.85rem}.cues td:nth-child(6){color:var(--tone);white-space:nowrap}
.needle{position:relative;width:9rem;height:1.1rem;border-bottom:1px solid var(--line);
background:linear-gradient(var(--dim),var(--dim)) center/1px 100% no-repeat}
.needle i{position:absolute;bottom:-4px;width:9px;height:9px;margin-left:-4.5px;
border-radius:50%;background:var(--tone)}
.note{color:var(--dim)}
@media(max-width:50rem){.sheet{grid-template-columns:repeat(2,1fr)}}
@media print{:root{--ground:#fff;--card:#f4f4f4;--line:#ccc;--ink:#111;--dim:#555;--warning:#8a5a00;--ok:#1b7a2a;
--error:#b00020}section{break-inside:avoid}}
"""
