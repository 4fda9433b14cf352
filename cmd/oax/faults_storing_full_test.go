package main

var storingFull = []fault{}
