import Base

/// A report in chapters for a reader who did not do the analysis: findings in words, tables, figures, and the commands that
/// reproduce them.
///
/// The same content is a `Report` for the terminal and a page for a browser (`ReportPage`).
public struct ReportDocument: Sendable {
  public enum Part: Sendable {
    case fields(Record)
    case table(String, Table)
    /// Figures side by side where there is room.
    case figures([Figure])
    case maps(String, [MapGroup])
    /// A table that is too long for a screen: only the page has it, folded.
    case folded(String, Table)
  }

  /// Maps shown together, such as a cell's receptive field in the data and in the model.
  public struct MapGroup: Sendable {
    public var title: String
    /// A summary of the maps in one line.
    public var caption: String
    public var figures: [Figure]

    public init(title: String, caption: String, figures: [Figure]) {
      self.title = title
      self.caption = caption
      self.figures = figures
    }
  }

  public struct Chapter: Sendable {
    /// The chapter's anchor on the page, e.g. `scores`.
    public var id: String
    public var heading: String
    /// What was found, one paragraph each.
    public var findings: [String]
    public var parts: [Part]
    /// The commands that reproduce the chapter's numbers.
    public var commands: [String]

    public init(
      _ id: String, _ heading: String, findings: [String] = [], parts: [Part] = [], commands: [String] = []
    ) {
      self.id = id
      self.heading = heading
      self.findings = findings
      self.parts = parts
      self.commands = commands
    }
  }

  public var title: String
  /// Facts below the title.
  public var facts: [String]
  public var chapters: [Chapter]

  public init(title: String, facts: [String] = [], chapters: [Chapter]) {
    self.title = title
    self.facts = facts
    self.chapters = chapters
  }

  /// Number of map groups on a screen; the page shows all of them.
  private static let shownGroups = 3

  /// The report as it is shown on a screen.
  public var report: Report { report(of: chapters) }

  /// Only the first chapter.
  public var summary: Report { report(of: Array(chapters.prefix(1))) }

  private func report(of chapters: [Chapter]) -> Report {
    Report(title, chapters.flatMap(Self.sections))
  }

  private static func sections(_ chapter: Chapter) -> [Report.Section] {
    var sections: [Report.Section] = []
    func add(_ heading: String, _ body: Report.Body) {
      // The first section of a chapter carries the chapter's heading.
      let words = [sections.isEmpty ? chapter.heading : "", heading].filter { !$0.isEmpty }
      sections.append(.init(words.joined(separator: ": "), body))
    }
    if !chapter.findings.isEmpty { add("", .lines(chapter.findings)) }
    for part in chapter.parts {
      switch part {
      case .fields(let record): add("", .fields(record))
      case .table(let heading, let table): add(heading, .table(table))
      case .figures(let figures): for figure in figures { add(figure.title, .figure(figure)) }
      case .maps(let heading, let groups):
        for group in groups.prefix(shownGroups) {
          add(heading.isEmpty ? group.title : "\(heading): \(group.title)", .lines([group.caption]))
          for figure in group.figures { sections.append(.init(figure.title, .figure(figure))) }
        }
      case .folded: continue
      }
    }
    if !chapter.commands.isEmpty { add("again", .lines(chapter.commands)) }
    return sections
  }
}
