/// A twin's version: a checkpoint, and the changes that were made to it.
public struct TwinPayload: Payload {
  public static let kind = KindName.twin

  /// One session's adapter and readout.
  public struct Head: Codable, Sendable, Equatable {
    public var session: String?
    public var cids: [Int]?
    /// The dataset configuration's YAML, where it overrides adapter or readout.
    public var configuration: String?

    public init(session: String?, cids: [Int]?, configuration: String? = nil) {
      self.session = session
      self.cids = cids
      self.configuration = configuration
    }
  }

  public var checkpoint: FileReference
  /// The YAML files from which the heads have their names.
  public var configurationFiles: [FileReference]
  public var heads: [Head]
  /// Patterns over parameter names and parts that no command may change.
  public var frozen: [String]
  /// Digest of the npz object with the tensors that differ from the checkpoint.
  public var overlay: String?
  /// Tensors of the checkpoint that an edit took away, unless the changed tensors have them; nil for none.
  public var dropped: [String]?
  /// The set of weights that was chosen in the file; nil for its main one.
  public var weights: String?
  /// What was taken off the names of all weights, besides the names of wrappers.
  public var prefix: String?
  /// Whether the weights are an average over training steps; nil where they are not.
  public var averaged: Bool?
  /// The file with the model's configuration, where the checkpoint's own is not used.
  public var modelFile: FileReference?
  /// Options of the configuration that differ from the file's, as PATH=VALUE, in the order in which they were changed.
  public var edits: [String]?
  /// How this version was made: "refit of the readout on nova/backimage".
  public var note: String?
  /// Digest of the object that is its checkpoint, where vcsh made it; nil for a file outside the workspace.
  public var made: String?
  /// Digest of the object with the record of the training that made this version.
  public var training: String?
  /// Digests of the objects from which that training goes on, and of those that it keeps besides this version's.
  public var trainingState: [String]?

  public init(
    checkpoint: FileReference, configurationFiles: [FileReference] = [], heads: [Head], frozen: [String] = [],
    overlay: String? = nil, note: String? = nil
  ) {
    self.checkpoint = checkpoint
    self.configurationFiles = configurationFiles
    self.heads = heads
    self.frozen = frozen
    self.overlay = overlay
    self.note = note
  }

  public var objects: [String] { [overlay, training, made].compactMap(\.self) + (trainingState ?? []) }

  /// How the note of a training's best epoch ends.
  public static let selectedNote = "selected on the validation trials"
  /// Whether it is the epoch of a training that was chosen by its held-out score.
  public var isSelected: Bool { training != nil && note?.hasSuffix(Self.selectedNote) == true }

  public var files: [FileReference] { [checkpoint] + configurationFiles + [modelFile].compactMap(\.self) }

  public func moved(version: (Int64) -> Int64?, path: (String) -> String) -> TwinPayload {
    var copy = self
    if made == nil { copy.checkpoint.path = path(checkpoint.path) }
    for index in copy.configurationFiles.indices {
      copy.configurationFiles[index].path = path(configurationFiles[index].path)
    }
    copy.modelFile?.path = modelFile.map { path($0.path) } ?? ""
    return copy
  }

  public var essence: TwinPayload {
    var copy = self
    copy.frozen = []
    copy.note = nil
    copy.training = nil
    copy.trainingState = nil
    copy.checkpoint.path = ""
    copy.configurationFiles = []
    copy.modelFile?.path = ""
    return copy
  }
}

extension KindName {
  public static let twin = KindName(rawValue: "twin")
}
