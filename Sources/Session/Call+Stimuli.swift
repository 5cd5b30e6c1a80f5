import Base
import Language

extension Call {
  /// The stimuli of an argument that takes several, with blanks or commas between them.
  ///
  /// - Throws: a usage failure where one of them is named twice.
  package func stimulusLabels() throws -> [String] {
    let labels = strings("stimulus").flatMap { $0.split(separator: ",").map(String.init) }
    if let twice = labels.indices.first(where: { labels[..<$0].contains(labels[$0]) }) {
      throw Failure(
        .usage, "\(labels[twice]) is named twice", hint: "name each stimulus once", span: span(of: "stimulus"))
    }
    return labels
  }
}
