// Redoc asks for a module called "null" where it is not loaded by a <script>; it makes no use of it.
