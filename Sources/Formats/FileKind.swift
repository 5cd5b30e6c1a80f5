import Base
import Foundation

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

  /// HDF5's signature, which vcsh knows but does not read.
  static func isHDF5(_ front: Data) -> Bool { front.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) }

  /// Whether `TorchArchive` reads it.
  var isTorch: Bool { self == .torchZip || self == .torchLegacy || self == .pickle }
}
