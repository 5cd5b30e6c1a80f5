/// The kind of a file, by its content and never by its name.
public enum FileKind: String, Sendable, CaseIterable {
  /// A zip with `<name>/data.pkl`, as `torch.save` writes it today.
  case torchZip
  /// torch's older format: pickles followed by storages.
  case torchLegacy
  case pickle
  case npz
  case npy
  case safetensors
  case yaml
  case directory
  case unknown

  /// Whether `TorchArchive` reads it.
  var isTorch: Bool { self == .torchZip || self == .torchLegacy || self == .pickle }
}
