import Base
import Foundation
import Workspace

/// A recipe that grows with the session.
package struct Recorder {
  package let path: String
  /// The entry that began it.
  package let after: Int64

  package init(path: String, after entry: Int64) {
    self.path = path
    after = entry
  }

  /// Writes the entries so far.
  package func write(in session: Session) throws {
    let entries = try session.workspace.entries((after + 1)...Int64.max).filter {
      $0.session == session.workspace.session
    }
    let recipe = try RecipeEntries(entries, completes: false, in: session)
    let day = try session.workspace.entry(after).started.formatted(.iso8601.year().month().day())
    let text = RecipeText(
      recipe.items, comments: ["Recorded in the vcsh session \(session.workspace.session.prefix(8)), \(day)"],
      lifts: false, in: session
    ).text
    try TableFile.write(text: text, to: path, span: nil)
  }
}
