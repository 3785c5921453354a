// Interop
