import Base

/// A session as one self-contained HTML file: tables that sort, figures as drawings, inputs and outputs folded.
public enum SessionPage {
  public static func render(_ document: SessionDocument) -> String {
    PageFrame(
      title: document.title, facts: document.facts + [document.summary], style: style, contents: contents(document)
    )
    .render(document.entries.map(entry).joined(separator: "\n"))
  }

  private static func line(_ text: String) -> String { PageFrame.line(text) }

  private static let style = """
    .contents { font-size: .87em }
    .contents summary { cursor: pointer }
    .contents ol { margin: .4rem 0; padding-left: 3rem }
    .contents .status { color: var(--bad); font-weight: 600 }
    details.wrong { color: inherit; font-size: 1em }
    """

  /// A link to every entry, with its command; those that failed say so.
  private static func contents(_ document: SessionDocument) -> String {
    guard document.entries.count > 1 else { return "" }
    let items = document.entries.map { entry -> String in
      let failed = isFailure(entry) ? " <span class=\"status\">\(line(entry.status))</span>" : ""
      let command = entry.command.split(separator: "\n").first.map(String.init) ?? ""
      return
        "<li value=\"\(entry.number)\"><a href=\"#entry-\(entry.number)\"><code>\(line(command.shortened))</code></a>\(failed)</li>\n"
    }
    return
      "<nav class=\"contents\" aria-label=\"Contents\"><details open><summary>Contents</summary>\n<ol>\n\(items.joined())</ol></details></nav>\n"
  }

  private static func isFailure(_ entry: SessionDocument.Entry) -> Bool { entry.error != nil }

  private static func entry(_ entry: SessionDocument.Entry) -> String {
    let number = entry.number
    let status = line(entry.status)
    let out = """
      <section class="entry \(status)" id="entry-\(number)" aria-labelledby="title-\(number)">
      <div class="head"><h2 id="title-\(number)"><a href="#entry-\(number)">Entry \(number)</a></h2> \
      <span class="status">\(status)</span> <span class="when">\(line(SessionDocument.time(entry.started)))\
      \(entry.seconds.map { " · " + line(NumberText.duration(seconds: $0)) } ?? "")</span></div>
      <pre class="command"><code>\(CommandMarkup.html(entry.command))</code></pre>

      """
    let options = HTMLText.Options(
      maximumRows: SessionDocument.maximumRows, drawsFigures: true, headingLevel: 3, hasCaptions: true)
    let result = HTMLText.render(entry.result, options)
    var body = result.isEmpty ? "" : PageFrame.region("Output of entry \(number)", result)
    if let remark = entry.remark { body += "<p class=\"remark\">\(line(remark))</p>\n" }
    if let error = entry.error {
      body += "<p class=\"failure\"><strong>error:</strong> \(line(error))</p>\n"
    }
    body += provenance(entry)
    // A failed try is seldom what the reader is looking for.
    if isFailure(entry) { body = "<details class=\"wrong\"><summary>What went wrong</summary>\n\(body)</details>\n" }
    return out + body + "</section>"
  }

  private static func provenance(_ entry: SessionDocument.Entry) -> String {
    let rows = entry.provenance
    guard !rows.isEmpty else { return "" }
    var out = "<details><summary>Inputs and outputs</summary>\n<table class=\"provenance\">\n"
    out += "<caption class=\"hidden\">Inputs and outputs of entry \(entry.number)</caption>\n"
    out +=
      "<thead><tr><th scope=\"col\">what</th><th scope=\"col\">which</th><th scope=\"col\">size</th><th scope=\"col\">fingerprint (SHA-256)</th></tr></thead>\n<tbody>\n"
    for row in rows {
      let cells = [line(row.what), line(row.which), line(row.size), "<code>\(line(row.fingerprint))</code>"]
      out += "<tr>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>\n"
    }
    return out + "</tbody>\n</table>\n</details>\n"
  }
}
