import Base

/// A report as one self-contained HTML file: chapters with tables that sort, figures as drawings, and the commands behind
/// them as text to copy.
public enum ReportPage {
  public static func render(_ document: ReportDocument) -> String {
    var frame = PageFrame(title: document.title, facts: document.facts, style: style)
    let links = document.chapters.map { "<li><a href=\"#\(line($0.id))\">\(line($0.heading))</a></li>" }
    frame.contents = "<nav aria-label=\"Contents\"><ul class=\"facts\">\(links.joined())</ul></nav>\n"
    return frame.render(document.chapters.map(chapter).joined(separator: "\n"))
  }

  private static func line(_ text: String) -> String { PageFrame.line(text) }

  private static func chapter(_ chapter: ReportDocument.Chapter) -> String {
    let id = line(chapter.id)
    var out = "<section class=\"chapter\" id=\"\(id)\" aria-labelledby=\"title-\(id)\">\n"
    out += "<h2 id=\"title-\(id)\">\(line(chapter.heading))</h2>\n"
    out += chapter.findings.map { "<p>\(line($0))</p>\n" }.joined()
    out += chapter.parts.map { part($0, in: chapter) }.joined()
    if !chapter.commands.isEmpty {
      out += "<p class=\"note\">Reproduce these numbers:</p>\n"
      out +=
        "<pre class=\"command\"><code>\(chapter.commands.map(CommandMarkup.html).joined(separator: "\n"))</code></pre>\n"
    }
    return out + "</section>"
  }

  private static func part(_ part: ReportDocument.Part, in chapter: ReportDocument.Chapter) -> String {
    switch part {
    case .fields(let record):
      return "<div class=\"identity\">\n\(HTMLText.render(.record(record)))</div>\n"
    case .table(let heading, let table):
      return title(heading) + PageFrame.region(heading.isEmpty ? chapter.heading : heading, html(table))
    case .folded(let heading, let table):
      return "<details><summary>\(line(heading))</summary>\n\(PageFrame.region(heading, html(table)))</details>\n"
    case .figures(let figures):
      let drawn = figures.map { "<figure>\n\(SVGFigure($0, ground: .page).text)</figure>\n" }
      return "<div class=\"figures\">\n\(drawn.joined())</div>\n"
    case .maps(let heading, let groups):
      let drawn = groups.map { group in
        "<figure>\n\(SVGMapGroup(group).text)<figcaption>\(line(group.caption))</figcaption>\n</figure>\n"
      }
      return title(heading) + "<div class=\"maps\">\n\(drawn.joined())</div>\n"
    }
  }

  private static func title(_ heading: String) -> String { heading.isEmpty ? "" : "<h3>\(line(heading))</h3>\n" }

  private static func html(_ table: Table) -> String {
    HTMLText.render(
      .table(table), HTMLText.Options(maximumRows: SessionDocument.maximumRows, hasCaptions: true))
  }

  private static let style = """
    body { max-width: 76rem }
    nav { margin: .6rem 0 0 } nav a { color: var(--accent) }
    .chapter { margin-top: 1.75rem; padding-top: 1rem; border-top: 1px solid var(--rule) }
    .chapter h2 { font-size: 1.25rem; display: block; margin: 0 0 .5rem }
    .chapter > p { max-width: 52rem; margin: .4rem 0 }
    .identity th { font-weight: 400; color: var(--faint) } .identity td { white-space: normal; overflow-wrap: anywhere }
    .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: .5rem 1.5rem; margin: .7rem 0 }
    .maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 1rem 1.5rem; margin: .7rem 0 }
    .maps figure { max-width: 26rem }
    figcaption { color: var(--faint); font-size: .87em }
    .chapter td:last-child:not(.number) { white-space: normal; min-width: 15rem; overflow-wrap: anywhere }
    .command .f { white-space: nowrap }
    .chapter .command { margin: .3rem 0 .6rem }
    """
}
