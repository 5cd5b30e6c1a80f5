import Base

/// The frame of every page: one self-contained HTML file, light and dark, with tables that sort.
struct PageFrame {
  var title: String
  var facts: [String]
  /// Style that this page adds to the shared one.
  var style = ""
  /// Markup between the page's heading and its content.
  var contents = ""

  /// - Parameter main: markup.
  func render(_ main: String) -> String {
    let facts = facts.map { "<li>\(Self.line($0))</li>" }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="vcsh">
      <title>\(Self.line(title))</title>
      <style>
      \(PageStyle.css)\(style.isEmpty ? "" : "\n" + style)
      </style>
      </head>
      <body>
      <header>
      <h1>\(Self.line(title))</h1>
      <ul class="facts">\(facts)</ul>
      </header>
      \(contents)<main>
      \(main)
      </main>
      <script>
      \(TableSorting.script)
      </script>
      </body>
      </html>

      """
  }

  /// Escaped text on one line.
  static func line(_ text: String) -> String { HTMLText.escaped(SafeText.line(text)) }

  /// Content that may be wider than the page, in a region that scrolls and that the keyboard reaches.
  static func region(_ label: String, _ content: String) -> String {
    "<div class=\"output\" tabindex=\"0\" role=\"region\" aria-label=\"\(line(label))\">\n\(content)</div>\n"
  }
}
