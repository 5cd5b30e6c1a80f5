import Base
import Foundation
import Rendering
import Workspace

/// A result as a text file, whose ending chooses the format.
package enum TableFile {
  package static func write(_ value: Value, to path: String, span: SourceSpan?) throws {
    let ending = (path as NSString).pathExtension
    guard let mode = OutputMode.of(fileEnding: ending) else {
      throw Failure(
        .usage,
        ending.isEmpty
          ? "`\((path as NSString).lastPathComponent)` has no ending that says how a \(value.typeName) is written"
          : "`\((path as NSString).lastPathComponent)`: a \(value.typeName) can't be written as .\(ending)",
        hint: ["-", "stdout"].contains((path as NSString).lastPathComponent)
          ? "results go to standard output by themselves: `vcsh --csv -c '…' > FILE`"
          : "use \(AllOutputModes.fileEndings.map { ".\($0)" }.joined(separator: " "))", span: span)
    }
    try write(text: Renderer(.batch(mode)).document(value), to: path, span: span)
  }

  /// A text as a file, whole or not at all.
  package static func write(text: String, to path: String, span: SourceSpan?) throws {
    do {
      try AtomicFile.write(Data(text.utf8), to: path)
    } catch let failure as Failure {
      throw failure.located(at: span)
    }
  }
}
