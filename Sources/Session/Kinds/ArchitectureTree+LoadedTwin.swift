import Analysis
import Base
import Layers

extension ArchitectureTree {
  /// A twin's layers with the shapes that follow from an input.
  ///
  /// - Throws: `mismatch` naming the layer and the shapes where this input can't work.
  package static func section(of twin: LoadedTwin, input: InputSize, depth: Int? = nil) throws -> Report.Section {
    var text = lines(try twin.architecture.tree(input: input.sizes), depth: depth)
    if input.origin == .shortest {
      text.append(
        "the checkpoint does not say its input size: shown for the shortest window that works; change it with --input TxHxW"
      )
    }
    return .init("architecture, for input \(input.text) (channel, time, height, width)", .lines(text))
  }
}
