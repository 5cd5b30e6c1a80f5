import Analysis
import Base
import Language
import Layers
import Session

/// Draws a twin's architecture.
struct TreeCommand: Command {
  static let signature = Signature("tree", in: "twins", "Draws a twin's layers with shapes and numbers of values")
    .argument("twin", .object(kinds: ["twin"]), "The twin")
    .flag("input", .string, "Input size TxHxW for the shapes, if no open recording has it")
    .flag("depth", .int, "Levels of layers to show; deeper layers are only counted")
    .returns(.report)
    .searchTerms("architecture", "layers", "shapes", "structure", "parameters", "size")
    .details(
      """
      The shapes are for the input of an open recording of one of the twin's sessions, otherwise for the shortest window that \
      works. In the second table, `fixed` values are read but get no gradient, and `dead` values are never read. `params` \
      gives the reason for each tensor.
      """
    )

  static let examples = [
    Example("tree twin", "Every layer, and the values of each part"),
    Example("tree twin --input 25x51x51 --depth 2", "Parts and blocks alone, for another input"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let twin = try session.loadTwin(call.string("twin"), at: call.span(of: "twin"))
    let depth = try call.optionalInt("depth")
    if let depth, depth < 0 {
      throw Failure(
        .usage, "--depth must not be negative", hint: "0 shows the twin alone", span: call.span(of: "depth"))
    }
    let parts = ArchitectureTree.parts(of: twin.architecture)
    let values = twin.architecture.parameters.reduce(0) { $0 + $1.count }
    var sections: [Report.Section] = []
    if let input = try InputSize.find(call.optionalString("input"), for: twin, session: session, call: call) {
      do {
        sections.append(try ArchitectureTree.section(of: twin, input: input, depth: depth))
      } catch var failure as Failure {
        let size = input.sizes.dropFirst().map(String.init).joined(separator: "x")
        failure.hint = failure.hint ?? "`check \(twin.name) --input \(size)` says what would work"
        throw failure
      }
    } else {
      sections.append(.init("architecture", .lines(["no input works: `check \(twin.name)` says why"])))
    }
    sections.append(.init("\(values) values by part", .table(parts)))
    return .report(Report(twin.name, sections))
  }
}
