import Base

/// A file that VisionCore's evaluation saved for one dataset: `*_bps_cache.pt`, `*_ccnorm_cache.pt`, `*_sta_cache.pt`.
/// It is recognised by its content.
public struct EvaluationCache: Sendable {
  public enum Kind: String, Sendable {
    case bitsPerSpike = "bits/spike"
    case noiseCeiling = "ccnorm"
    case receptiveFields = "STA"
    case saccades
  }

  /// Rates and counts on one stimulus.
  ///
  /// Shapes: `[time, cell]`, or `[trial, time, cell]` for repeats.
  public struct Part: Sendable {
    public let stimulus: String
    public let rates: TensorReference
    public let counts: TensorReference
    public let mask: TensorReference?
    /// VisionCore's own bits per spike, one for each cell.
    public let scores: TensorReference?
  }

  public let archive: TorchArchive
  public let kind: Kind
  public let parts: [Part]
  /// The cells' ids; nil where the file has none (STA).
  public let cids: [Int]?
  /// Whether the file holds `val`, a score over two stimuli without masks.
  public let hasUnmaskedScore: Bool

  /// Nil where the archive is not an evaluation cache.
  ///
  /// - Throws: `format` where it is one, but an array has the wrong form.
  public init?(archive: TorchArchive) throws {
    let root = archive.root
    guard let entries = root.entries, root["state_dict"] == nil, root["covariates"] == nil else { return nil }
    self.archive = archive
    hasUnmaskedScore = root["val"]?.tensorReference != nil
    if root["Z_STA_robs"]?.tensorReference != nil {
      kind = .receptiveFields
      parts = []
    } else if root["robs_trial"] != nil, root["rhat_trial"] != nil {
      kind = .noiseCeiling
      parts = [try Self.part("fixrsvp", root, suffix: "_trial", archive)]
    } else {
      let stimuli = entries.filter { $0.value["robs"] != nil && $0.value["rhat"] != nil }
      guard !stimuli.isEmpty else { return nil }
      kind = stimuli.contains { $0.value["saccade_info"] != nil } ? .saccades : .bitsPerSpike
      parts = try stimuli.map { try Self.part($0.key.stringValue ?? "", $0.value, suffix: "", archive) }
    }
    cids = try Self.cids(root["cids"], archive)
    for part in parts {
      guard let cells = part.rates.shape.last, part.counts.shape == part.rates.shape,
        part.mask.map({ $0.shape == part.rates.shape }) ?? true, cids.map({ $0.count == cells }) ?? true
      else {
        throw Failure(
          .mismatch,
          "\(archive.path): \(part.stimulus): robs \(part.counts.shape), rhat \(part.rates.shape), dfs \(part.mask?.shape ?? []), \(cids?.count ?? 0) cids",
          hint: "all are (time, cell) or (trial, time, cell)")
      }
    }
  }

  private static func part(
    _ stimulus: String, _ node: PickleValue, suffix: String, _ archive: TorchArchive
  ) throws -> Part {
    func array(_ name: String) throws -> TensorReference {
      guard let reference = node[name + suffix]?.tensorReference, (2...3).contains(reference.shape.count) else {
        throw Failure(
          .format,
          "\(archive.path): \(stimulus): \(name)\(suffix) must be an array of (time, cell) or (trial, time, cell)")
      }
      return reference
    }
    return Part(
      stimulus: stimulus, rates: try array("rhat"), counts: try array("robs"),
      mask: node["dfs" + suffix] == nil ? nil : try array("dfs"), scores: node["bps"]?.tensorReference)
  }

  private static func cids(_ node: PickleValue?, _ archive: TorchArchive) throws -> [Int]? {
    guard let node else { return nil }
    var ids = node.items?.compactMap(\.intValue)
    if let reference = node.tensorReference { ids = try archive.integers(reference) }
    guard let ids, Set(ids).count == ids.count, ids.count == node.items?.count ?? ids.count else {
      throw Failure(.format, "\(archive.path): cids must be integers without repeats")
    }
    return ids
  }

  /// The arrays with one or two numbers for each cell, in a file of receptive fields.
  public var cellNumbers: [(name: String, array: TensorReference)] {
    let count = archive.root["Z_STA_robs"]?.tensorReference?.shape.last
    return (archive.root.entries ?? []).compactMap { entry in
      guard let name = entry.key.stringValue, let array = entry.value.tensorReference, let cells = array.shape.first,
        array.shape == [cells] || array.shape == [cells, 2], cells == count
      else { return nil }
      return (name, array)
    }
  }
}
