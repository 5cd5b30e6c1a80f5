import Base

/// A session as one HTML file that needs nothing else: tables that sort, figures as drawings, provenance folded.
public enum SessionPage {
  public static func render(_ document: SessionDocument) -> String {
    let facts = (document.facts + [document.summary]).map { "<li>\(line($0))</li>" }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="vcsh">
      <title>\(line(document.title))</title>
      <style>
      \(SessionPageStyle.css)
      </style>
      </head>
      <body>
      <header>
      <h1>\(line(document.title))</h1>
      <ul class="facts">\(facts)</ul>
      </header>
      <main>
      \(document.entries.map(entry).joined(separator: "\n"))
      </main>
      <script>
      \(TableSorting.script)
      </script>
      </body>
      </html>

      """
  }

  private static func line(_ text: String) -> String { HTMLText.escaped(SafeText.line(text)) }

  private static func entry(_ entry: SessionDocument.Entry) -> String {
    let number = entry.number
    let status = line(entry.status)
    var out = """
      <section class="entry \(status)" id="entry-\(number)" aria-labelledby="title-\(number)">
      <div class="head"><h2 id="title-\(number)"><a href="#entry-\(number)">Entry \(number)</a></h2> \
      <span class="status">\(status)</span> <span class="when">\(line(SessionDocument.time(entry.started)))\
      \(entry.seconds.map { " · " + line(SessionDocument.duration($0)) } ?? "")</span></div>
      <pre class="command"><code>\(CommandMarkup.html(entry.command))</code></pre>

      """
    let options = HTMLText.Options(
      maximumRows: SessionDocument.maximumRows, drawsFigures: true, headingLevel: 3, hasCaptions: true)
    let result = HTMLText.render(entry.result, options)
    if !result.isEmpty {
      out +=
        "<div class=\"output\" tabindex=\"0\" role=\"region\" aria-label=\"Output of entry \(number)\">\n\(result)</div>\n"
    }
    if let remark = entry.remark { out += "<p class=\"remark\">\(line(remark))</p>\n" }
    if let error = entry.error {
      out += "<p class=\"failure\"><strong>error:</strong> \(line(error))</p>\n"
    }
    return out + provenance(entry) + "</section>"
  }

  private static func provenance(_ entry: SessionDocument.Entry) -> String {
    let rows = entry.provenance
    guard !rows.isEmpty else { return "" }
    var out = "<details><summary>Where it comes from</summary>\n<table class=\"provenance\">\n"
    out += "<caption class=\"hidden\">What entry \(entry.number) read and made</caption>\n"
    out +=
      "<thead><tr><th scope=\"col\">what</th><th scope=\"col\">which</th><th scope=\"col\">size</th><th scope=\"col\">fingerprint (SHA-256)</th></tr></thead>\n<tbody>\n"
    for row in rows {
      let cells = [line(row.what), line(row.which), line(row.size), "<code>\(line(row.fingerprint))</code>"]
      out += "<tr>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>\n"
    }
    return out + "</tbody>\n</table>\n</details>\n"
  }
}
