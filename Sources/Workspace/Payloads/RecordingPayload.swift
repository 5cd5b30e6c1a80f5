/// A recording: the stimuli of its folder, and the YAML files with which VisionCore reads them.
public struct RecordingPayload: Payload {
  public static let kind = KindName.recording

  public struct Stimulus: Codable, Sendable, Equatable {
    public var name: String
    public var file: FileReference
    public var frames: Int
    /// The object whose arrays replace those of the file: counts and masks of a copy with planted faults.
    public var overlay: String?

    public init(name: String, file: FileReference, frames: Int, overlay: String? = nil) {
      self.name = name
      self.file = file
      self.frames = frames
      self.overlay = overlay
    }
  }

  public var session: String
  public var cids: [Int]
  public var rateHz: Double
  public var stimuli: [Stimulus]
  public var parentConfiguration: FileReference?
  public var sessionConfiguration: FileReference?
  /// The rate of the files' frames and the cells of their columns, where the user gave them.
  public var givenRate: Double?
  public var givenCells: [Int]?
  /// How it was changed after it was opened.
  public var note: String?

  public init(
    session: String, cids: [Int], rateHz: Double, stimuli: [Stimulus], parentConfiguration: FileReference?,
    sessionConfiguration: FileReference?
  ) {
    self.session = session
    self.cids = cids
    self.rateHz = rateHz
    self.stimuli = stimuli
    self.parentConfiguration = parentConfiguration
    self.sessionConfiguration = sessionConfiguration
  }

  public var objects: [String] { stimuli.compactMap(\.overlay) }

  public var files: [FileReference] {
    stimuli.map(\.file) + [parentConfiguration, sessionConfiguration].compactMap(\.self)
  }

  public func moved(version: (Int64) -> Int64?, path: (String) -> String) -> RecordingPayload {
    var copy = self
    for index in copy.stimuli.indices { copy.stimuli[index].file.path = path(stimuli[index].file.path) }
    copy.parentConfiguration?.path = parentConfiguration.map { path($0.path) } ?? ""
    copy.sessionConfiguration?.path = sessionConfiguration.map { path($0.path) } ?? ""
    return copy
  }

  public var essence: RecordingPayload {
    var copy = self
    for index in copy.stimuli.indices { copy.stimuli[index].file.path = "" }
    copy.parentConfiguration?.path = ""
    copy.sessionConfiguration?.path = ""
    return copy
  }
}

extension KindName {
  public static let recording = KindName(rawValue: "recording")
}
