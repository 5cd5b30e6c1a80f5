import Base
import Foundation
import TestSupport

/// A small recording with eye positions (`backimage`) and without (`blind`) under YAMLs of the tests' own, and twins of
/// the zoo that have a head for its session.
struct BehaviourRecordings {
  static let folder = Fixtures.path("behaviour/Zoo_2025-01-10")

  /// Transforms of the behaviour as VisionCore's YAMLs have it: 40 columns of eye velocity, 2 of eye position.
  static let behaviour = """
      eye_vel:
        source: eyepos
        ops:
        - diff: {axis: 0}
        - maxnorm: {}
        - symlog: {}
        - temporal_basis: {num_cosine_funcs: 10, history_bins: 50, causal: false, log_spacing: false, peak_range_ms: [30, 200]}
        - splitrelu: {split_dim: 1}
        expose_as: behavior
        concatenate: true
      eye_pos:
        source: eyepos
        ops: []
        expose_as: behavior
        concatenate: true
    """

  static let history = """
      history:
        source: robs
        ops: [{select_units: {indices: cids}}]
        expose_as: history
    """

  /// Lags and transforms may be left out; `rate` is what the 240 Hz of the files are brought to.
  static func yaml(
    rate: Int = 120, lags: String = "behavior: 0, history: [1, 2, 3, 4, 5]", stimulusLags: Int = 25,
    transforms: [String] = [behaviour, history]
  ) -> String {
    """
    session: Zoo_2025-01-10
    cids: [1, 3, 5, 7, 9]
    sampling: {source_rate: 240, target_rate: \(rate)}
    keys_lags: {robs: 0, stim: [\((0..<stimulusLags).map(String.init).joined(separator: ", "))]\(lags.isEmpty ? "" : ", " + lags), dfs: 0}
    transforms:
      stim:
        source: stim
        ops: [{pixelnorm: {}}, {unsqueeze: 1}]
        expose_as: stim
    \(transforms.joined(separator: "\n"))
    datafilters:
      dfs:
        ops: [{valid_nlags: {n_lags: 26}}]
        expose_as: dfs
    train_val_split: 0.8
    seed: 1002
    """
  }
}

extension Shell {
  /// Opens a twin of the zoo and the recording under `yaml`, as `twin` and `rec`.
  convenience init(zoo name: String, yaml: String) throws {
    try self.init(opened: false)
    let path = folder + "/recording.yaml"
    try Data(yaml.utf8).write(to: URL(filePath: path))
    let zoo = Fixtures.path("zoo/\(name)")
    try run("open \(zoo)/model.ckpt as twin --config \(zoo)/datasets.yaml")
    try run("open \(BehaviourRecordings.folder) as rec --config \(path)")
  }
}
