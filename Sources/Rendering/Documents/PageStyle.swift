/// The style sheet of every page: light and dark, for screens and for paper.
enum PageStyle {
  static let css = """
    :root {
      --ground: #ffffff; --ink: #1d2126; --faint: #656d76; --rule: #d8dee4; --panel: #f6f8fa;
      --accent: #0b5cad; --good: #1a7f37; --bad: #b42318; --badground: #fff1f0;
      --command: #0b5cad; --keyword: #8250df; --text: #0a6b50; --number: #9a5b00; --variable: #a0307a;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #14171b; --ink: #e2e6ea; --faint: #9aa4ae; --rule: #333a42; --panel: #1d2228;
        --accent: #79b8ff; --good: #57ab5a; --bad: #ff8b80; --badground: #33191a;
        --command: #79b8ff; --keyword: #c6a0ff; --text: #6cd3a8; --number: #e9b565; --variable: #f0a0d0;
        --series-1: #4aa8e8; --series-2: #f08a3c; --series-3: #2fbf92; --series-4: #dc9cc0; --series-5: #f0b93a;
      }
    }
    * { box-sizing: border-box }
    body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--ground); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .35rem }
    h2 { font-size: .95rem; margin: 0; display: inline }
    h2 a { color: inherit; text-decoration: none }
    h2 a:hover, h2 a:focus { text-decoration: underline }
    h3 { font-size: 1.1rem; margin: .9rem 0 .3rem }
    h4 { font-size: .95rem; margin: .9rem 0 .3rem; color: var(--faint) }
    .facts { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; margin: 0; padding: 0; color: var(--faint) }
    .entry { margin-top: 1.75rem; padding-top: 1rem; border-top: 1px solid var(--rule) }
    .head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .3rem .75rem; margin-bottom: .4rem }
    .status { font-size: .8rem; color: var(--good) }
    .failed .status, .interrupted .status { color: var(--bad); font-weight: 600 }
    .when { font-size: .8rem; color: var(--faint); margin-left: auto; font-variant-numeric: tabular-nums }
    pre, code { font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .9em }
    pre { margin: 0; overflow-x: auto; line-height: 1.35 }
    .command { background: var(--panel); border-left: 3px solid var(--accent); border-radius: 0 4px 4px 0;
      padding: .6rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere }
    .failed .command, .interrupted .command { border-left-color: var(--bad) }
    .c { color: var(--command); font-weight: 600 } .k { color: var(--keyword) } .f, .n { color: var(--number) }
    .s { color: var(--text) } .v { color: var(--variable) } .m { color: var(--faint); font-style: italic }
    .p { color: var(--faint); font-weight: 700 }
    .output { margin-top: .7rem; overflow-x: auto }
    .output:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
    table { border-collapse: collapse; margin: .3rem 0; font-size: .93em }
    caption { caption-side: bottom; text-align: left; color: var(--faint); font-size: .85em; padding-top: .3rem }
    th, td { padding: .18rem .8rem .18rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); white-space: nowrap }
    thead th { border-bottom: 2px solid var(--faint); font-weight: 600 }
    tbody th { font-weight: 400; color: var(--faint) }
    tbody tr:hover { background: var(--panel) }
    .number { text-align: right; font-variant-numeric: tabular-nums }
    .null, .note, .remark { color: var(--faint) }
    .note, .remark { font-size: .87em; margin: .3rem 0 }
    th button { all: unset; cursor: pointer; font: inherit; color: inherit }
    th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
    th button::after { content: "\\2195"; opacity: .3; padding-left: .3em; font-weight: 400 }
    th[aria-sort="ascending"] button::after { content: "\\2191"; opacity: 1 }
    th[aria-sort="descending"] button::after { content: "\\2193"; opacity: 1 }
    figure { margin: .3rem 0; max-width: 42rem }
    figure svg { display: block; width: 100%; height: auto }
    .failure { background: var(--badground); color: var(--bad); border-radius: 4px; padding: .5rem .8rem; margin: .7rem 0 0; overflow-wrap: anywhere }
    details { margin-top: .6rem; font-size: .87em; color: var(--faint) }
    summary { cursor: pointer }
    .provenance { font-size: .95em } .provenance td { white-space: normal; overflow-wrap: anywhere }
    .provenance td:nth-child(odd) { white-space: nowrap } .provenance code { white-space: normal }
    .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
    @media print {
      :root { --ground: #ffffff; --ink: #000000; --faint: #555555; --rule: #cccccc; --panel: #f3f3f3; --badground: #ffffff }
      body { padding: 0; max-width: none; font-size: 10pt }
      th button::after { content: none }
      .entry { break-inside: auto } figure, tr, .command { break-inside: avoid }
      thead { display: table-header-group }
      .output { overflow: visible }
    }
    """
}
