import Base
import Formats
import Layers

/// The tensors of a twin before training, from a model's configuration and the cells of each session.
///
/// Undefined: an untrained twin has VisionCore's distributions, not its random numbers.
/// Source: torch's and VisionCore's initialisation, see `Start`
public struct UntrainedTwin: Sendable {
  /// In the order of VisionCore's checkpoints.
  public let tensors: [NamedArray]

  /// - Parameters:
  ///   - heads: one for each session, with its cids.
  ///   - seed: the same seed gives the same bits.
  /// - Throws: `missing` for a head without cids; `unsupported` naming a layer or option of the configuration.
  public init(configuration: ConfigNode, heads: [HeadConfiguration], seed: UInt32) throws {
    guard !heads.isEmpty else {
      throw Failure(.missing, "no session is named: a twin needs a readout for each session")
    }
    let counts = try heads.enumerated().map { index, head in
      guard let cids = head.cids, !cids.isEmpty else {
        throw Failure(
          .missing, "\(head.session ?? "session \(index)") lists no cids: the size of its readout is unknown",
          hint: "write `cids: [0, 1, …]` into the session's YAML")
      }
      return cids.count
    }
    let isSingle = configuration["model_type"]?.stringValue == "v1"
    guard !isSingle || heads.count == 1 else {
      throw Failure(
        .unsupported, "model_type: `v1` is a model of one session, and \(heads.count) are named",
        hint: "write `model_type: v1multi`")
    }
    let blueprint = Blueprint(cellCounts: counts)
    let layers = try TwinLayers(configuration, source: blueprint, purpose: .shapes, heads: heads)
    for index in heads.indices { _ = try layers.head(index) }
    var drawn = DrawnTensors(seed: seed)
    for declaration in blueprint.declarations { drawn.draw(declaration) }
    tensors = StateOrder.sorted(blueprint.declarations).compactMap { drawn[$0] }
  }
}
